import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Desk.module.css";

export function ClaimSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={classes.desk} role="status" aria-label={t("state.loading")}>
      <div className={classes.head}>
        <Skeleton height={36} width={280} />
      </div>
      <div className={classes.body}>
        <Skeleton height={180} maw="72ch" radius="lg" mb="md" />
        <Skeleton height={280} radius="lg" />
      </div>
      <div className={classes.foot}>
        <Skeleton height={42} width={180} ml="auto" />
      </div>
    </div>
  );
}
