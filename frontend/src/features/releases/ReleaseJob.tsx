import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { JobButton } from "@/shared/components/JobButton";
import { problemText } from "@/shared/components/Problem";
import { asProblem } from "@/shared/api/problem";
import { releasesOptions } from "@/shared/api/queries";
import type { Release } from "@/shared/api/types";
import { cancelRelease, releaseOptions, retryRelease } from "./api";

/** Stop the freezing, or freeze again after a failure. */
export function ReleaseJob({ projectId, release }: { projectId: number; release: Release }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { queryKey } = releaseOptions(projectId, release.id);
  const changing = useMutation({
    mutationFn: (change: typeof cancelRelease) => change(projectId, release.id),
    onSuccess: (fresh) => {
      queries.setQueryData(queryKey, fresh);
      return queries.invalidateQueries({ queryKey: releasesOptions(projectId).queryKey });
    },
    onError: (error) => {
      announce(problemText(asProblem(error), t));
      void queries.invalidateQueries({ queryKey, exact: true });
    },
  });
  return (
    <JobButton
      state={release.state}
      onCancel={() => changing.mutate(cancelRelease)}
      onRetry={() => changing.mutate(retryRelease)}
      loading={changing.isPending}
    />
  );
}
