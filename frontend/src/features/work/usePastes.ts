import { useSessionStorage } from "@mantine/hooks";

/** That a text came in from the clipboard: how long it was and when. What it says is not kept. */
export interface Paste {
  characters: number;
  at_seconds: number;
}

/** Everything pasted into one answer, kept across reloads of this tab. Evidence for whoever asks later; nothing here judges it. */
export function usePastes(claimId: string) {
  const [pastes, setPastes] = useSessionStorage<Paste[]>({
    key: `bennet.claim.${claimId}.pastes`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  return { pastes, addPaste: (paste: Paste) => setPastes((before) => [...before, paste]) };
}
