import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/components/Links";

/** Back to the queues. The claim stays open and its draft saved. */
export function LeaveButton() {
  const { t } = useTranslation();
  return (
    <LinkButton to="/work" variant="subtle" color="gray" px="xs" aria-label={t("claim.to_my_work")}>
      <IconArrowLeft size={19} />
    </LinkButton>
  );
}
