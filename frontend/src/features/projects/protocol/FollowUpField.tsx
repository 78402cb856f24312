import { Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { protocolsOptions } from "@/shared/api/queries";
import type { Protocol } from "@/shared/api/types";
import { kindsOptions } from "./api";

interface Props {
  projectId: number;
  protocol: Protocol;
  value: number | null;
  error: string | undefined;
  onChange: (protocol: number | null) => void;
}

/** Where finished answers go on; not there for kinds of work that nothing follows. */
export function FollowUpField({ projectId, protocol, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const kinds = useQuery(kindsOptions).data?.find((kind) => kind.key === protocol.kind)?.follow_ups ?? [];
  const protocols = useInfiniteQuery(protocolsOptions(projectId)).data ?? [];
  if (kinds.length === 0) return null;
  const fitting = protocols.filter((one) => kinds.includes(one.kind) && one.state !== "archived");
  return (
    <Select
      label={t("protocol.follow_up")}
      description={t("protocol.follow_up_hint")}
      placeholder={t("protocol.no_follow_up")}
      error={error}
      clearable
      data={fitting.map((one) => ({ value: String(one.id), label: one.name }))}
      value={value === null ? null : String(value)}
      onChange={(id) => onChange(id === null ? null : Number(id))}
    />
  );
}
