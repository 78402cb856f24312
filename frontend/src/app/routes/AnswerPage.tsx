import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Lineage } from "@/features/lineage/Lineage";
import { AnswerReview } from "@/features/quality/AnswerReview";
import { WithdrawAnswer } from "@/features/quality/WithdrawAnswer";
import { BackLabel } from "@/shared/components/BackLink";
import { LinkAnchor } from "@/shared/components/Links";
import { Page } from "@/shared/components/Page";
import { useId } from "../useId";
import { useMe } from "../useMe";
import { useProject } from "../useProject";

const route = getRouteApi("/shell/projects/$projectId/answers/$answerId");

export function AnswerPage(): ReactNode {
  const { t } = useTranslation();
  const { projectId, may } = useProject();
  const answerId = useId("answerId");
  const me = useMe();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const back = (
    <LinkAnchor to="/projects/$projectId/answers" params={{ projectId }} search={filter}>
      <BackLabel>{t("answers.title")}</BackLabel>
    </LinkAnchor>
  );
  return (
    <Page
      title={t("answers.one", { id: answerId })}
      back={back}
      actions={may("withdraw_data") && <WithdrawAnswer projectId={projectId} answerId={answerId} />}
    >
      <AnswerReview
        projectId={projectId}
        answerId={answerId}
        filter={filter}
        readerId={me.id}
        mayReview={may("review_answers")}
        onOpen={(id) => void navigate({ params: { projectId, answerId: id }, search: filter })}
      />
      <Lineage projectId={projectId} subject="answer" id={answerId} />
    </Page>
  );
}
