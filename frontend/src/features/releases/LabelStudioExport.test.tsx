import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { LabelStudioExport } from "./LabelStudioExport";

const write = { id: 1, name: "Write answers", kind: "demonstration" };
const rank = { id: 2, name: "Rank answers", kind: "ranking" };
const compare = { id: 3, name: "Compare answers", kind: "comparison" };

const serving = (...protocols: object[]) =>
  fakeNetwork(() => ({ body: { results: protocols, next: null, previous: null } }));

it("offers the judgements of a protocol that the format can say", async () => {
  serving(write, rank, compare);
  show(<LabelStudioExport projectId={9} />);
  const link = await screen.findByRole("link", { name: "Download" });
  expect(link).toHaveAttribute("href", "/api/projects/9/protocols/2/label-studio/");
  const user = userEvent.setup();
  await user.click(screen.getByRole("combobox", { name: "Protocol" }));
  expect(screen.queryByRole("option", { name: "Write answers" })).toBeNull();
  await user.click(screen.getByRole("option", { name: "Compare answers" }));
  expect(link).toHaveAttribute("href", "/api/projects/9/protocols/3/label-studio/");
});

it("is not there where a project has no such protocol", async () => {
  const calls = serving(write);
  show(<LabelStudioExport projectId={9} />);
  await expect.poll(() => calls.length).toBe(1);
  expect(screen.queryByRole("link")).toBeNull();
});
