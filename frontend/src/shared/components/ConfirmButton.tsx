import { Button, Group, Modal, Text, type ButtonProps, type MantineColor } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

interface Props extends ButtonProps {
  /** On the button, and again on the one that does it: both name the deed. */
  label: string;
  question: string;
  detail: string;
  /** Of the button that does it: red for what destroys. */
  deedColor?: MantineColor;
  onConfirm: () => void;
}

/** A button for what cannot be taken back in one click: it asks first, with the harmless answer in focus. */
export function ConfirmButton({ label, question, detail, deedColor = "red", onConfirm, ...look }: Props) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  const confirm = () => {
    dialog.close();
    onConfirm();
  };
  return (
    <>
      <Button size="xs" variant="subtle" color="red" {...look} onClick={dialog.open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={question}>
        <Text mb="lg">{detail}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={dialog.close} data-autofocus>
            {t("action.go_back")}
          </Button>
          <Button color={deedColor} onClick={confirm}>
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
