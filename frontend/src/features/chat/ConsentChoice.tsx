import { Radio, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatConversation, ConsentState } from "@/shared/api/types";
import { conversationOptions, giveConsent } from "./api";

const STATES: readonly ConsentState[] = ["none", "this", "always"];

interface Props {
  projectId: number;
  conversation: ChatConversation;
}

/** Whether what one writes may be learned from. Unasked it is not, and what was given can be taken back. */
export function ConsentChoice({ projectId, conversation }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const giving = useMutation({
    mutationFn: (state: ConsentState) => giveConsent(projectId, conversation.id, state),
    onSuccess: (found) => {
      queries.setQueryData(conversationOptions(projectId, conversation.id).queryKey, found);
      return queries.invalidateQueries({ queryKey: ["project", projectId, "chat"] });
    },
  });
  return (
    <Stack gap="xs">
      <Radio.Group
        label={t("chat.consent.question")}
        description={t("chat.consent.detail")}
        value={giving.isPending ? giving.variables : conversation.consent}
        onChange={(state) => giving.mutate(state)}
      >
        <Stack gap={6} mt="xs">
          {STATES.map((state) => (
            <Radio key={state} value={state} label={t(`chat.consent.${state}`)} disabled={giving.isPending} />
          ))}
        </Stack>
      </Radio.Group>
      <ProblemNotice error={giving.error} />
    </Stack>
  );
}
