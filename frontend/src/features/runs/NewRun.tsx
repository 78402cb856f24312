import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import type { Run } from "@/shared/api/types";
import { runOptionsOptions } from "./api";
import { RunForm } from "./RunForm";

interface Props {
  projectId: number;
  release?: number;
  onStarted: (run: Run) => void;
}

export function NewRun({ projectId, release, onStarted }: Props) {
  const query = useQuery(runOptionsOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={3} height={160} />}>
      {(options) => <RunForm projectId={projectId} options={options} release={release} onStarted={onStarted} />}
    </Loaded>
  );
}
