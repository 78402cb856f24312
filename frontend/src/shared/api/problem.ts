/** A refusal by the server, as RFC 9457 tells it, or a request that never arrived (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(detail || code);
    this.name = "Problem";
  }

  /** The same request may succeed later, unchanged. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }

  static async from(answer: Response): Promise<Problem> {
    const body = await readBody(answer);
    const fields = Object.fromEntries(
      (body.errors ?? []).map((error) => [error.field ?? error.param ?? "", error.message]),
    );
    const detail = body.detail ?? body.title ?? body.errors?.[0]?.message ?? answer.statusText;
    return new Problem(answer.status, body.code ?? body.errors?.[0]?.code ?? "", detail, fields);
  }
}

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { field?: string; param?: string; code?: string; message: string }[];
}

async function readBody(answer: Response): Promise<ProblemBody> {
  try {
    return (await answer.json()) as ProblemBody;
  } catch {
    return {};
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // fetch rejects with a TypeError when no answer came back.
  return new Problem(0, error instanceof TypeError ? "network" : "unexpected", "");
}
