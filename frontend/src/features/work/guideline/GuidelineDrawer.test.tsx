import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { GuidelineDrawer } from "./GuidelineDrawer";
import { GuidelineNewsProvider } from "./GuidelineNewsProvider";
import { GuidelineNotice } from "./GuidelineNotice";
import { useNews } from "./news";

const change = { number: 3, change_note: "Ties are welcome.", created_at: "2026-11-20T12:00:00Z" };
const news = {
  protocol: { id: 2, name: "Which is best?" },
  number: 3,
  read_number: 1 as number | null,
  changes: [change],
};
const before = { number: 1, markdown: "Truth first.\n\nNever hurry." };
const newest = { number: 3, markdown: "Truth first.\n\nTies are welcome here." };

function Page() {
  const unread = useNews(2);
  const [opened, setOpened] = useState(false);
  return (
    <>
      {unread && <GuidelineNotice news={unread} onOpen={() => setOpened(true)} />}
      <GuidelineDrawer protocol={2} opened={opened} onClose={() => setOpened(false)} />
    </>
  );
}

function open(read: number | null) {
  let read_number = read;
  const calls = fakeNetwork(({ method, path, body }) => {
    if (method === "POST") read_number = (body as { number: number }).number;
    const now = { ...news, read_number, changes: read_number === 1 ? [change] : [] };
    if (path === "/api/work/guidelines/") return { body: [now] };
    return { body: { ...now, newest, before: read_number === 1 ? before : null } };
  });
  show(
    <GuidelineNewsProvider>
      <Page />
    </GuidelineNewsProvider>,
  );
  return calls;
}

it("tells what is new, shows what changed, and is quiet once that is read", async () => {
  const calls = open(1);
  expect(await screen.findByRole("note")).toHaveTextContent("has changed since you read it. Ties are welcome.");
  await userEvent.click(screen.getByRole("button", { name: "See what changed" }));
  expect(await screen.findByText("Guideline, version 3")).toBeVisible();
  await screen.findByText("Truth first.");
  const kinds = (text: string) => screen.getByText(text).closest("[data-kind]")?.getAttribute("data-kind");
  expect([kinds("Truth first."), kinds("Never hurry."), kinds("Ties are welcome here.")]).toEqual([
    "same",
    "gone",
    "added",
  ]);

  await userEvent.click(screen.getByText("As it reads now"));
  expect(screen.queryByText("Never hurry.")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "I have read it" }));
  await waitFor(() => expect(screen.queryByRole("note")).not.toBeInTheDocument());
  const posted = calls.filter((call) => call.method === "POST");
  expect(posted.map(({ path, body }) => [path, body])).toEqual([["/api/work/guidelines/2/read/", { number: 3 }]]);
});

it("shows a newcomer the whole of it", async () => {
  open(null);
  expect(await screen.findByRole("note")).toHaveTextContent("You have not read this guideline yet.");
  await userEvent.click(screen.getByRole("button", { name: "Read it" }));
  expect(await screen.findByText("Ties are welcome here.")).toBeVisible();
  expect(screen.queryByText("What changed")).not.toBeInTheDocument();
});

it("has nothing to say to somebody who knows the newest version", async () => {
  const calls = open(3);
  await waitFor(() => expect(calls).toHaveLength(1));
  expect(screen.queryByRole("note")).not.toBeInTheDocument();
});
