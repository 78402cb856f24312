import { Button, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Taught as Found } from "@/shared/api/types";
import { taughtOptions } from "./api";
import { fromFirstShared, partsOf } from "./taughtParts";

interface Props {
  projectId: number;
  conversationId: number;
  turnId: number;
}

/** "What taught it this?": the training rows nearest to an answer, for those who may read them. */
export function Taught({ projectId, conversationId, turnId }: Props) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  const query = useQuery({ ...taughtOptions(projectId, conversationId, turnId), enabled: opened });
  return (
    <>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={dialog.open}>
        {t("chat.taught.ask")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("chat.taught.ask")} size="lg">
        <Loaded query={query} loading={<Loading rows={3} height={60} />}>
          {(found) => <Rows projectId={projectId} found={found} />}
        </Loaded>
      </Modal>
    </>
  );
}

function Rows({ projectId, found }: { projectId: number; found: Found }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack>
      <Text size="sm">
        {t("chat.taught.who", {
          name: found.model.name,
          answers: format.integer(found.answers),
          people: format.integer(found.people),
        })}
      </Text>
      <Text size="sm" c="dimmed">
        {t(
          found.may_read
            ? found.nearest.length > 0
              ? "chat.taught.nearest"
              : "chat.taught.none"
            : "chat.taught.not_yours",
          { searched: format.integer(found.searched) },
        )}
      </Text>
      {found.nearest.map((row) => (
        <Stack key={row.answer} gap={4}>
          <Text size="sm" c="dimmed" lineClamp={2}>
            {row.prompt}
          </Text>
          <Text size="sm" lineClamp={6} style={{ whiteSpace: "pre-wrap" }}>
            {partsOf(fromFirstShared(row.text, row.shared), row.shared).map(({ text, isShared }, index) =>
              isShared ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
            )}
          </Text>
          <Text size="xs">
            <LinkAnchor
              to="/projects/$projectId/answers/$answerId"
              params={{ projectId, answerId: row.answer }}
              search={{}}
            >
              {t("chat.taught.answer")}
            </LinkAnchor>
            {" · "}
            <LinkAnchor to="/projects/$projectId/releases/$releaseId" params={{ projectId, releaseId: row.release.id }}>
              {row.release.name}
            </LinkAnchor>
          </Text>
        </Stack>
      ))}
    </Stack>
  );
}
