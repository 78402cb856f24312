import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import { answerPeopleOptions, strikeWork, workCountOptions, type Work } from "./api";

interface Props {
  projectId: number;
  work: Work;
}

/** Strike all of one person's work that the filter names: says how many answers that is before it does so. */
export function StrikeWork({ projectId, work }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [opened, dialog] = useDisclosure();
  const [reason, setReason] = useState("");
  const name = useQuery(answerPeopleOptions(projectId)).data?.find(({ id }) => id === work.annotator)?.name ?? "";
  const count = useQuery({ ...workCountOptions(projectId, work), enabled: opened }).data?.answers;
  const striking = useMutation({
    mutationFn: () => strikeWork(projectId, { ...work, reason }),
    onSuccess: () => {
      dialog.close();
      setReason("");
      return queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const scope = work.protocol !== undefined || work.since !== undefined ? "strike.scope_filtered" : "strike.scope_all";
  return (
    <>
      <Group gap="sm">
        <Button size="xs" variant="light" color="red" onClick={dialog.open}>
          {t("strike.open", { name })}
        </Button>
        {striking.isSuccess && (
          <Text size="sm" role="status">
            {t("strike.done", { count: striking.data.answers, shown: format.integer(striking.data.answers) })}
          </Text>
        )}
      </Group>
      <Modal opened={opened} onClose={dialog.close} title={t("strike.question", { name })}>
        <Stack>
          <ProblemNotice error={striking.error} />
          <Text>{t(scope)}</Text>
          <Text size="sm" c="dimmed">
            {t("strike.detail")}
          </Text>
          <Textarea
            label={t("review.reason")}
            description={t("strike.reason_hint")}
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              {t("action.go_back")}
            </Button>
            <Button
              color="red"
              loading={striking.isPending || count === undefined}
              disabled={count === 0}
              onClick={() => striking.mutate()}
            >
              {t("strike.confirm", { count: count ?? 0, shown: format.integer(count ?? 0) })}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
