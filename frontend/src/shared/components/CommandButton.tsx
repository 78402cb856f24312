import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useKeysOf } from "@/shared/hooks/chosenKeys";
import type { Command } from "@/shared/hooks/commands";
import { Keys } from "./Keys";

interface Props<Context> extends ButtonProps {
  command: Command<Context>;
  context: Context;
  children?: ReactNode;
}

/** A button for a row of a command table, with its first key printed on it. */
export function CommandButton<Context>({ command, context, children, ...rest }: Props<Context>) {
  const { t } = useTranslation();
  const [key] = useKeysOf(command);
  return (
    <Button
      variant="default"
      disabled={command.available ? !command.available(context) : false}
      rightSection={key && <Keys combination={key} />}
      onClick={() => command.run(context)}
      {...rest}
    >
      {children ?? t(`command.${command.name}`)}
    </Button>
  );
}
