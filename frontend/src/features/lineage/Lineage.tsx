import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import type { LineageGraph, LineageNode } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { lineageOptions, type Subject } from "./api";
import { columnsOf, kin, neighbours } from "./columns";
import classes from "./Lineage.module.css";

interface Props {
  projectId: number;
  subject: Subject;
  id: number;
}

/** Where something comes from and what was made of it, people's words to the left, models to the right. */
export function Lineage({ projectId, subject, id }: Props) {
  const { t } = useTranslation();
  const query = useQuery(lineageOptions(projectId, subject, id));
  return (
    <Panel title={t("lineage.title")} description={t("lineage.detail")}>
      <Loaded query={query}>
        {(graph) => <Graph projectId={projectId} graph={graph} isSubject={(node) => is(node, subject, id)} />}
      </Loaded>
    </Panel>
  );
}

interface GraphProps {
  projectId: number;
  graph: LineageGraph;
  isSubject: (node: LineageNode) => boolean;
}

function Graph({ projectId, graph, isSubject }: GraphProps) {
  const { t } = useTranslation();
  const [pointed, setPointed] = useState<string>();
  const bright = pointed === undefined ? undefined : kin(graph, pointed);
  return (
    <>
      <div className={classes.columns}>
        {columnsOf(graph).map(({ kind, nodes }) => (
          <section key={kind} className={classes.column} aria-label={t(`lineage.column.${kind}`)}>
            <Text size="sm" fw={600} c="dimmed" mb={6}>
              {t(`lineage.column.${kind}`)}
            </Text>
            <ul className={classes.list}>
              {nodes.map((node) => (
                <li
                  key={node.id}
                  className={classes.node}
                  data-subject={isSubject(node) || undefined}
                  data-stale={node.is_stale || undefined}
                  data-faint={(bright && !bright.has(node.id)) || undefined}
                  onPointerEnter={() => setPointed(node.id)}
                  onPointerLeave={() => setPointed(undefined)}
                  onFocus={() => setPointed(node.id)}
                  onBlur={() => setPointed(undefined)}
                >
                  <Node projectId={projectId} node={node} beside={beside(graph, node)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {graph.is_cut && (
        <Text size="sm" c="dimmed">
          {t("lineage.cut")}
        </Text>
      )}
    </>
  );
}

interface NodeProps {
  projectId: number;
  node: LineageNode;
  /** The names of what it comes from or is in. */
  beside: readonly string[];
}

function Node({ projectId, node, beside }: NodeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const isOne = node.kind === "answers" && node.row !== null;
  return (
    <>
      <Text span size="xs" c="dimmed" display="block">
        {isOne ? t("lineage.one_answer") : t(`lineage.kind.${node.kind}`)}
        {node.is_stale && ` · ${t("lineage.stale")}`}
      </Text>
      <Name projectId={projectId} node={node} />
      {node.count !== null && !isOne && (
        <Text span size="sm" display="block">
          {node.label
            ? t("lineage.answers", { count: node.count, shown: format.integer(node.count) })
            : format.integer(node.count)}
        </Text>
      )}
      {beside.length > 0 && (
        <Text span size="xs" c="dimmed" display="block">
          {t(node.kind === "run" || node.kind === "model" ? "lineage.from" : "lineage.in", {
            names: format.list(beside),
          })}
        </Text>
      )}
      <Reasons node={node} />
    </>
  );
}

/** Why something is stale, a line for each kind of withdrawal. */
function Reasons({ node }: { node: LineageNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  return node.reasons.map(({ kind, answers, withdrawals, last_at }) => (
    <Text key={kind} span size="xs" display="block" mt={4}>
      {answers === null
        ? t(`lineage.reason_of_model.${kind}`, {
            count: withdrawals,
            shown: format.integer(withdrawals),
            at: format.dateTime(last_at),
          })
        : t(`lineage.reason.${kind}`, {
            count: answers,
            shown: format.integer(answers),
            at: format.dateTime(last_at),
          })}
    </Text>
  ));
}

/** A name that leads to the page of what it names, where there is one. */
function Name({ projectId, node }: { projectId: number; node: LineageNode }) {
  const { t } = useTranslation();
  if (!node.label) return null;
  if (node.row === null) return <span>{node.label}</span>;
  switch (node.kind) {
    case "release":
      return (
        <LinkAnchor to="/projects/$projectId/releases/$releaseId" params={{ projectId, releaseId: node.row }}>
          {node.label}
        </LinkAnchor>
      );
    case "run":
      return (
        <LinkAnchor to="/projects/$projectId/runs/$runId" params={{ projectId, runId: node.row }}>
          {node.label}
        </LinkAnchor>
      );
    case "model":
      return (
        <LinkAnchor to="/projects/$projectId/models/$modelId" params={{ projectId, modelId: node.row }}>
          {node.label}
        </LinkAnchor>
      );
    case "prompt":
      return (
        <LinkAnchor to="/projects/$projectId/prompts/$promptId" params={{ projectId, promptId: node.row }}>
          {node.label}
        </LinkAnchor>
      );
    case "answers":
      return (
        <LinkAnchor to="/projects/$projectId/answers/$answerId" params={{ projectId, answerId: node.row }} search={{}}>
          {t("lineage.answer", { id: node.row, protocol: node.label })}
        </LinkAnchor>
      );
    case "person":
      return (
        <LinkAnchor to="/projects/$projectId/answers" params={{ projectId }} search={{ annotator: node.row }}>
          {node.label}
        </LinkAnchor>
      );
    default:
      return <span>{node.label}</span>;
  }
}

const is = (node: LineageNode, subject: Subject, id: number) =>
  node.row === id && (node.kind === subject || (subject === "answer" && node.kind === "answers"));

/** Told of runs and models; of a release's people and answers only where there are several releases to tell apart. */
function beside(graph: LineageGraph, node: LineageNode): string[] {
  if (node.kind === "run" || node.kind === "model") return neighbours(graph, node);
  const isOfRelease = node.kind !== "release" && node.count !== null && !(node.kind === "answers" && node.row !== null);
  const isClear = graph.nodes.filter(({ kind }) => kind === "release").length < 2;
  return isOfRelease && !isClear ? neighbours(graph, node) : [];
}
