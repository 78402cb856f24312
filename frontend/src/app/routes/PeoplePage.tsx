import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PeopleTable } from "@/features/people/PeopleTable";
import { Page } from "@/shared/components/Page";

export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t("people.title")} lead={t("people.lead")}>
      <PeopleTable />
    </Page>
  );
}
