import type { Claim } from "@/shared/api/types";

export function claimOf(change: Partial<Claim> = {}): Claim {
  return {
    id: "7a1f3f57-0d5e-4a34-9d38-6a5b1a2f7c11",
    kind: "ranking",
    state: "open",
    project: { id: 1, name: "Tutor" },
    protocol: { id: 2, name: "Which answer is best?", config: {} },
    guideline: { number: 3, markdown: "Be **fair**." },
    messages: [{ role: "user", content: "Why is the sky blue?" }],
    completions: ["Scattering.", "Because of the sea.", "It is painted."].map((text, index) => ({
      label: `c${index + 1}`,
      text,
    })),
    brief: null,
    is_reopened: false,
    draft: null,
    draft_step_seconds: {},
    draft_seconds: 0,
    draft_saved_at: null,
    shown_at: null,
    expires_at: "2030-01-01T00:00:00Z",
    lease_seconds: 1800,
    ...change,
  };
}
