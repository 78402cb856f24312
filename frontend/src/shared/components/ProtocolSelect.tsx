import { Select, type SelectProps } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { protocolsOptions } from "@/shared/api/queries";
import type { ProtocolKind } from "@/shared/api/types";

interface Props extends Omit<SelectProps, "value" | "onChange" | "data"> {
  projectId: number;
  kind?: ProtocolKind;
  value: number | undefined;
  onChange: (protocol: number | undefined) => void;
}

export function ProtocolSelect({ projectId, kind, value, onChange, ...rest }: Props) {
  const { t } = useTranslation();
  const protocols = useInfiniteQuery(protocolsOptions(projectId)).data ?? [];
  const data = protocols
    .filter((protocol) => kind === undefined || protocol.kind === kind)
    .map((protocol) => ({ value: String(protocol.id), label: protocol.name }));
  return (
    <Select
      label={t("protocol.one")}
      placeholder={t("protocol.any")}
      data={data}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id ? Number(id) : undefined)}
      clearable={!rest.required}
      {...rest}
    />
  );
}
