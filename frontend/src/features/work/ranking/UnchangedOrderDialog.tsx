import { Button, Group, Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** The order shown is random, so leaving it as it is should be a decision. */
export function UnchangedOrderDialog({ opened, onClose, onConfirm }: Props) {
  const { t } = useTranslation();
  const confirm = () => {
    onClose();
    onConfirm();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("ranking.unchanged.title")}>
      <Text mb="lg">{t("ranking.unchanged.text")}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t("ranking.unchanged.back")}
        </Button>
        <Button onClick={confirm}>{t("ranking.unchanged.confirm")}</Button>
      </Group>
    </Modal>
  );
}
