import { Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useElementSize } from "@mantine/hooks";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DeskPreview.module.css";
import type { Example } from "./example";
import { listenTo, tell } from "./messages";

const DEVICES = { phone: { width: 390, height: 760 }, desktop: { width: 1280, height: 820 } } as const;
type Device = keyof typeof DEVICES;
const SETTLED_MILLISECONDS = 400;

/** The desk as an annotator will see it, in a window of its own size, with content that is only an example. */
export function DeskPreview({ example }: { example: Example }) {
  const { t } = useTranslation();
  const [device, setDevice] = useState<Device>("phone");
  const frame = useRef<HTMLIFrameElement>(null);
  const { ref, width } = useElementSize();
  const size = DEVICES[device];
  const scale = Math.min(1, width / size.width);
  const [settled] = useDebouncedValue(JSON.stringify(example), SETTLED_MILLISECONDS);
  const show = useEffectEvent(() =>
    tell(frame.current?.contentWindow, { type: "bennet.preview.show", example: JSON.parse(settled) as Example }),
  );
  useEffect(
    () =>
      listenTo(
        () => frame.current?.contentWindow,
        (message) => {
          if (message.type === "bennet.preview.ready") show();
        },
      ),
    [],
  );
  useEffect(() => show(), [settled]);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          {t("preview.title")}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t("preview.device.label")}
          data={(["phone", "desktop"] as const).map((value) => ({ value, label: t(`preview.device.${value}`) }))}
          value={device}
          onChange={setDevice}
        />
      </Group>
      <div ref={ref} className={classes.frame} data-device={device} style={{ height: size.height * scale }}>
        <iframe
          ref={frame}
          src="/preview/desk"
          title={t("preview.title")}
          width={size.width}
          height={size.height}
          style={{ transform: `scale(${scale})` }}
        />
      </div>
      <Text size="sm" c="dimmed">
        {t("preview.detail")}
      </Text>
    </Stack>
  );
}
