import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { MemberTable } from "./MemberTable";

const ada = {
  id: 7,
  role: "annotator",
  qualifications: [],
  languages: ["en"],
  team: "Oslo",
  user: { id: 3, name: "Ada", email: "ada@example.org" },
};

function open() {
  const calls = fakeNetwork((call) =>
    call.method === "GET" ? { body: { results: [ada], next: null, previous: null } } : undefined,
  );
  show(<MemberTable projectId={1} />);
  return (method: string) => calls.filter((call) => call.method === method);
}

it("removes a member only after asking, and says whom", async () => {
  const made = open();
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Remove" }));
  expect(await screen.findByRole("dialog", { name: "Remove Ada?" })).toBeVisible();
  expect(made("DELETE")).toHaveLength(0);
  await user.keyboard("{Tab}{Enter}");
  await waitFor(() => expect(made("DELETE").map((call) => call.path)).toEqual(["/api/projects/1/members/7/"]));
});

it("sets languages, team and qualifications, the team when its field is left", async () => {
  const made = open();
  await userEvent.type(await screen.findByRole("combobox", { name: "Languages" }), "nb,");
  const team = screen.getByRole("combobox", { name: "Team" });
  await userEvent.clear(team);
  await userEvent.type(team, "Bergen ");
  expect(made("PATCH")).toHaveLength(1);
  await userEvent.type(team, "{Enter}");
  await userEvent.type(screen.getByRole("combobox", { name: "Qualifications" }), "law,");
  await waitFor(() =>
    expect(made("PATCH").map((call) => call.body)).toEqual([
      { languages: ["en", "nb"] },
      { team: "Bergen" },
      { qualifications: ["law"] },
    ]),
  );
});
