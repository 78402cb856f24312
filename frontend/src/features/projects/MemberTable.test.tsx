import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { MemberTable } from "./MemberTable";

const ada = { id: 7, role: "annotator", qualifications: [], user: { id: 3, name: "Ada", email: "ada@example.org" } };

it("removes a member only after asking, and says whom", async () => {
  const calls = fakeNetwork((call) =>
    call.method === "GET" ? { body: { results: [ada], next: null, previous: null } } : undefined,
  );
  const removals = () => calls.filter((call) => call.method === "DELETE");
  show(<MemberTable projectId={1} />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Remove" }));
  expect(await screen.findByRole("dialog", { name: "Remove Ada?" })).toBeVisible();
  expect(removals()).toHaveLength(0);
  await user.keyboard("{Tab}{Enter}");
  await waitFor(() => expect(removals().map((call) => call.path)).toEqual(["/api/projects/1/members/7/"]));
});
