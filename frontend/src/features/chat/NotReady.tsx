import { Alert, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatSetup } from "@/shared/api/types";
import { chatOptions, chooseFilter } from "./api";

interface Props {
  projectId: number;
  setup: ChatSetup;
}

/** Why nobody can chat here, and what to set up. Nothing goes through without the filter. */
export function NotReady({ setup }: Pick<Props, "setup">) {
  const { t } = useTranslation();
  if (setup.missing.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" title={t("chat.not_ready")}>
      <Stack gap={4}>
        {setup.missing.map((what) => (
          <Text key={what} size="sm">
            {t(`chat.missing.${what}`)}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}

/** Which filter stands before the models: for those who run the project. */
export function FilterChoice({ projectId, setup }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const choosing = useMutation({
    mutationFn: (id: string | null) => chooseFilter(projectId, id === null ? null : Number(id)),
    onSuccess: (found) => queries.setQueryData(chatOptions(projectId).queryKey, found),
  });
  return (
    <>
      <Select
        label={t("chat.filter")}
        description={t("chat.filter_detail")}
        placeholder={t("chat.filter_newest")}
        data={setup.filters.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={setup.filter ? String(setup.filter.id) : null}
        onChange={(id) => choosing.mutate(id)}
        clearable
        maw={420}
      />
      <ProblemNotice error={choosing.error} />
    </>
  );
}
