import type { Command } from "@/shared/hooks/commands";

export interface ChatContext {
  isAnswering: boolean;
  mayTryAgain: boolean;
  stop: () => void;
  tryAgain: () => void;
}

const stop: Command<ChatContext> = {
  name: "stop_answer",
  group: "chat",
  keys: ["Escape"],
  whileTyping: true,
  available: ({ isAnswering }) => isAnswering,
  run: ({ stop }) => stop(),
};
const tryAgain: Command<ChatContext> = {
  name: "answer_again",
  group: "chat",
  keys: ["r"],
  available: ({ mayTryAgain }) => mayTryAgain,
  run: ({ tryAgain }) => tryAgain(),
};

export const chatCommands = { stop, tryAgain, all: [stop, tryAgain] as const };
