import { useEffect, useRef, useState } from "react";

export type StepSeconds = Record<string, number>;

/** Split counted seconds by the step they were spent in. Reading the split renders nothing. */
export function useStepSeconds(seconds: () => number, step: string, initial: StepSeconds): () => StepSeconds {
  const [read] = useState(() => seconds);
  const spent = useRef<StepSeconds>(initial);
  const open = useRef({ step, since: 0 });
  useEffect(() => {
    open.current = { step, since: read() };
    return () => {
      spent.current = withOpen(spent.current, open.current, read());
    };
  }, [step, read]);
  return () => withOpen(spent.current, open.current, read());
}

/** The split with what the open step has had so far. */
function withOpen(spent: StepSeconds, { step, since }: { step: string; since: number }, now: number): StepSeconds {
  return { ...spent, [step]: Math.round(((spent[step] ?? 0) + now - since) * 10) / 10 };
}
