import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { LineageGraph, LineageNode } from "@/shared/api/types";
import { Lineage } from "./Lineage";

const node = (id: string, kind: LineageNode["kind"], label: string, more: Partial<LineageNode> = {}): LineageNode => ({
  id,
  kind,
  label,
  row: Number(id.split(":")[1]) || null,
  count: null,
  is_stale: false,
  reasons: [],
  ...more,
});
const stale = { kind: "work", withdrawals: 2, answers: 3, last_at: "2030-05-01T10:00:00Z" } as const;
const graph: LineageGraph = {
  nodes: [
    node("person:5", "person", "Ada"),
    node("protocol:2", "protocol", "Rank · 1"),
    node("answers:7", "answers", "Rank", { count: 1 }),
    node("release:3", "release", "Spring", { is_stale: true, reasons: [stale] }),
    node("run:4", "run", "sft 4"),
    node("model:6", "model", "sft-1", { is_stale: true, reasons: [{ ...stale, answers: null }] }),
  ],
  edges: [
    { origin: "person:5", made: "answers:7" },
    { origin: "protocol:2", made: "answers:7" },
    { origin: "answers:7", made: "release:3" },
    { origin: "release:3", made: "run:4" },
    { origin: "run:4", made: "model:6" },
  ],
  is_cut: true,
};

it("leads from a person's answer to its model, each step a link", async () => {
  const calls = fakeNetwork(() => ({ body: graph }));
  show(<Lineage projectId={1} subject="answer" id={7} />);
  const links = await screen.findAllByRole("link");
  expect(links.map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
    ["Ada", "/projects/1/answers?annotator=5"],
    ["Answer 7, Rank", "/projects/1/answers/7"],
    ["Spring", "/projects/1/releases/3"],
    ["sft 4", "/projects/1/runs/4"],
    ["sft-1", "/projects/1/models/6"],
  ]);
  expect(calls.map(({ path }) => path)).toEqual(["/api/projects/1/answers/7/lineage/"]);
  expect(screen.getByText(/the newest of each are shown/)).toBeVisible();
});

it("says why a release and a model are stale", async () => {
  fakeNetwork(() => ({ body: graph }));
  show(<Lineage projectId={1} subject="release" id={3} />);
  const releases = await screen.findByRole("region", { name: "Releases" });
  expect(within(releases).getByText(/3 answers taken back by those who gave them, last on May/)).toBeVisible();
  const models = screen.getByRole("region", { name: "Models" });
  expect(within(models).getByText(/It learned from work that people have taken back 2 times/)).toBeVisible();
});
