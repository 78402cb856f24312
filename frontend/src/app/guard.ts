import { redirect } from "@tanstack/react-router";
import { projectsOptions, sessionOptions } from "@/shared/api/queries";
import { chooseKeys } from "@/shared/hooks/chosenKeys";
import { changeLanguage } from "@/shared/i18n/i18n";
import i18next from "i18next";
import { safePath } from "./safe-path";
import { queryClient } from "./query-client";

/** Let a signed-in person pass, in the language and with the keys of their account; send a visitor to sign in. */
export async function requireSignIn({ location }: { location: { href: string } }): Promise<void> {
  const session = await queryClient.query({ ...sessionOptions, staleTime: "static" });
  if (!session.me) throw redirect({ to: "/sign-in", search: { next: location.href } });
  chooseKeys(session.me.shortcuts);
  if (session.me.language !== i18next.language) await changeLanguage(session.me.language);
}

/** A signed-in person has no business at the front door. */
export async function requireVisitor({ search }: { search: { next?: string } }): Promise<void> {
  const session = await queryClient.query({ ...sessionOptions, staleTime: "static" });
  if (session.me) throw redirect({ href: safePath(search.next) });
}

/** Where somebody is at home who trains models and has nothing to write or judge: the road of a project of theirs. */
export async function roadOfResearcher(): Promise<number | null> {
  const found = await queryClient.infiniteQuery({ ...projectsOptions, staleTime: 60_000 });
  const projects = found.filter(({ archived_at }) => archived_at === null);
  const works = projects.some(({ permissions }) => permissions.includes("do_work"));
  const trained = projects.find(({ permissions }) => permissions.includes("view_run"));
  return works || trained === undefined ? null : trained.id;
}
