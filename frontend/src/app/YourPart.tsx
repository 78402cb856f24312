import { IconInbox } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { LinkButton } from "@/shared/components/Links";

/** A project's page for those who work in it without running it. */
export function YourPart() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={IconInbox}
      title={t("projects.your_part")}
      action={
        <LinkButton to="/work" search={{}}>
          {t("problem.home")}
        </LinkButton>
      }
    >
      {t("projects.your_part_detail")}
    </EmptyState>
  );
}
