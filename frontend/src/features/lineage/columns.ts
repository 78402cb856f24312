import type { LineageGraph, LineageNode } from "@/shared/api/types";

/** People first, models last: what was made stands to the right of what it was made of. */
const STAGES: readonly (readonly LineageNode["kind"][])[] = [
  ["person", "people", "prompt", "protocol", "guideline"],
  ["answers"],
  ["release"],
  ["run"],
  ["model"],
];

export interface Column {
  /** Names the column: the kind that it is for. */
  kind: LineageNode["kind"];
  nodes: LineageNode[];
}

/** The graph's nodes by how far they are from people's words; a model that others began with stands with the models. */
export function columnsOf(graph: LineageGraph): Column[] {
  return STAGES.flatMap((kinds) => {
    const nodes = graph.nodes.filter((node) => kinds.includes(node.kind));
    return nodes.length > 0 ? [{ kind: kinds[0], nodes }] : [];
  }).filter((column): column is Column => column.kind !== undefined);
}

/** All that a node comes from or was made into, and itself: what stays bright when it is pointed at. */
export function kin(graph: LineageGraph, id: string): Set<string> {
  const follow = (from: "origin" | "made", to: "origin" | "made") => {
    const reached = new Set([id]);
    const waiting = [id];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop())
      for (const edge of graph.edges)
        if (edge[from] === node && !reached.has(edge[to])) {
          reached.add(edge[to]);
          waiting.push(edge[to]);
        }
    return reached;
  };
  return new Set([...follow("origin", "made"), ...follow("made", "origin")]);
}

const MADE_BY_MACHINE: readonly LineageNode["kind"][] = ["release", "run", "model"];

/**
 * The names of what a node comes from directly; of people's words, of what they are in. Nodes without a name, as a
 * release's answers are one, are passed through.
 */
export function neighbours(graph: LineageGraph, node: LineageNode): string[] {
  const isMade = MADE_BY_MACHINE.includes(node.kind);
  const [from, to] = isMade ? (["made", "origin"] as const) : (["origin", "made"] as const);
  const near = (id: string): string[] =>
    graph.edges
      .filter((edge) => edge[from] === id)
      .flatMap((edge) => {
        const next = graph.nodes.find((other) => other.id === edge[to]);
        if (!next) return [];
        return next.label ? [next.label] : isMade ? [] : near(next.id);
      });
  return [...new Set(near(node.id))];
}
