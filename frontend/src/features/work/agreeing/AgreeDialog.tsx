import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCategoryName } from "@/shared/components/answers/useCategoryName";
import { Loaded } from "@/shared/components/Loaded";
import { ProblemNotice } from "@/shared/components/Problem";
import { workOptions } from "../api";
import { agree, agreedOptions } from "./api";

interface Props {
  /** What the work may show that is not agreed to yet. */
  toAgree: readonly string[];
  onClose: () => void;
}

/** Category by category, what I agree to be shown: given here, and taken back here. */
export function AgreeDialog({ toAgree, onClose }: Props) {
  const { t } = useTranslation();
  const query = useQuery({ ...agreedOptions, staleTime: 0, gcTime: 0 });
  return (
    <Modal opened onClose={onClose} title={t("moderation.agree_title")}>
      <Loaded query={query}>{({ agreed }) => <Choices agreed={agreed} toAgree={toAgree} onClose={onClose} />}</Loaded>
    </Modal>
  );
}

function Choices({ agreed, toAgree, onClose }: Props & { agreed: readonly string[] }) {
  const { t } = useTranslation();
  const named = useCategoryName();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string[]>([...agreed]);
  const saving = useMutation({
    mutationFn: () => agree(chosen),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: workOptions.queryKey });
      onClose();
    },
  });
  const shown = [...new Set([...toAgree, ...agreed])];
  return (
    <Stack>
      <Text size="sm">{t("moderation.agree_lead")}</Text>
      <Checkbox.Group label={t("moderation.agree_need")} value={chosen} onChange={setChosen}>
        <Stack gap="xs" mt="xs">
          {shown.map((category) => (
            <Checkbox key={category} value={category} label={named(category)} />
          ))}
        </Stack>
      </Checkbox.Group>
      {toAgree.some((category) => !chosen.includes(category)) && (
        <Text size="sm" c="dimmed">
          {t("moderation.agree_missing")}
        </Text>
      )}
      <ProblemNotice error={saving.error} onRetry={() => saving.mutate()} />
      <Group justify="flex-end">
        <Button variant="subtle" color="gray" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button onClick={() => saving.mutate()} loading={saving.isPending}>
          {t("moderation.agree_save")}
        </Button>
      </Group>
    </Stack>
  );
}
