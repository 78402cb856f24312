import { expect, it } from "vitest";
import type { LineageGraph, LineageNode } from "@/shared/api/types";
import { columnsOf, kin, neighbours } from "./columns";

const node = (id: string, kind: LineageNode["kind"]): LineageNode => ({
  id,
  kind,
  label: id,
  row: null,
  count: null,
  is_stale: false,
  reasons: [],
});

const graph: LineageGraph = {
  nodes: [
    node("m2", "model"),
    node("r", "release"),
    node("a", "answers"),
    node("p", "people"),
    node("t", "run"),
    node("m1", "model"),
  ],
  edges: [
    { origin: "p", made: "a" },
    { origin: "a", made: "r" },
    { origin: "r", made: "t" },
    { origin: "m1", made: "t" },
    { origin: "t", made: "m2" },
  ],
  is_cut: false,
};

it("puts what was made to the right of what it was made of", () => {
  expect(columnsOf(graph).map(({ nodes }) => nodes.map(({ id }) => id))).toEqual([
    ["p"],
    ["a"],
    ["r"],
    ["t"],
    ["m2", "m1"],
  ]);
});

it("finds everything before and after a node, and nothing beside it", () => {
  expect([...kin(graph, "r")].sort()).toEqual(["a", "m2", "p", "r", "t"]);
  expect([...kin(graph, "m1")].sort()).toEqual(["m1", "m2", "t"]);
});

it("ends where a graph runs in a circle", () => {
  const circle = { ...graph, edges: [...graph.edges, { origin: "m2", made: "p" }] };
  expect(kin(circle, "a").size).toBe(6);
});

it("names what a run and a model come from, and what people's words are in", () => {
  const unnamed = { ...graph, nodes: graph.nodes.map((one) => (one.id === "a" ? { ...one, label: "" } : one)) };
  const near = (id: string) => {
    const one = unnamed.nodes.find((node) => node.id === id);
    return one && neighbours(unnamed, one);
  };
  expect(near("t")).toEqual(["r", "m1"]);
  expect(near("m2")).toEqual(["t"]);
  // Through the release's answers, which have no name of their own.
  expect(near("p")).toEqual(["r"]);
  expect(near("r")).toEqual([]);
});
