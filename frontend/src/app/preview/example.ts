import type { TFunction } from "i18next";
import type { Claim, ProtocolKind } from "@/shared/api/types";

/** What the preview of a desk shows: a protocol as it stands in its form, saved or not, perhaps on texts of its own. */
export interface Example {
  kind: ProtocolKind;
  project: string;
  protocol: string;
  config: Readonly<Record<string, unknown>>;
  guideline: Claim["guideline"];
  messages?: Claim["messages"];
  completions?: Claim["completions"];
}

const TEXTS = 4;
const USUAL_COMPLETIONS = 3;
const LEASE_SECONDS = 1800;

/** A claim that nobody holds, on a task that does not exist. */
export function exampleClaim(example: Example, id: string, t: TFunction): Claim {
  const { kind, config } = example;
  const texts = Array.from({ length: completionsOf(kind, config) }, (_, place) => textAt(place, t));
  const now = new Date();
  return {
    id,
    kind,
    state: "open",
    is_reopened: false,
    project: { id: 0, name: example.project },
    protocol: { id: 0, name: example.protocol, config: { ...config } },
    guideline: example.guideline,
    messages: example.messages ?? (kind === "prompt" ? [] : [{ role: "user", content: t("example.prompt") }]),
    brief: kind === "prompt" ? briefOf(config, t) : null,
    completions: example.completions ?? texts.map((text, place) => ({ label: `c${place + 1}`, text })),
    draft: null,
    draft_seconds: 0,
    draft_step_seconds: {},
    draft_saved_at: null,
    shown_at: now.toISOString(),
    expires_at: new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString(),
    lease_seconds: LEASE_SECONDS,
  };
}

function completionsOf(kind: ProtocolKind, config: Example["config"]): number {
  if (kind === "ranking") {
    const [least, most] = [numberIn(config, "minimum_completions", 2), numberIn(config, "maximum_completions", 9)];
    return Math.min(Math.max(USUAL_COMPLETIONS, least), Math.max(least, most));
  }
  if (kind === "comparison") return 2;
  if (kind === "labels" || kind === "moderation_label") return config.subject === "completion" ? 1 : 0;
  return kind === "score" ? 1 : 0;
}

function textAt(place: number, t: TFunction): string {
  const texts = [1, 2, 3, 4].map((number) => t(`example.completion.${number as 1 | 2 | 3 | 4}`));
  return texts[place % TEXTS] ?? "";
}

function briefOf(config: Example["config"], t: TFunction): Claim["brief"] {
  return {
    style: firstOf(config["styles"]) ?? "plain",
    text: t("example.brief"),
    use_case: firstOf(config["use_cases"]) ?? "",
  };
}

function firstOf(names: unknown): string | undefined {
  const first: unknown = Array.isArray(names) ? names[0] : undefined;
  return typeof first === "string" ? first : undefined;
}

const numberIn = (config: Example["config"], name: string, otherwise: number): number =>
  typeof config[name] === "number" ? config[name] : otherwise;
