/** What the browser says, as its protocol has it. */
// biome-ignore lint/suspicious/noExplicitAny: the protocol has some thousand shapes
type BrowserMessage = any;

export interface Browser {
  readonly events: readonly { readonly method: string; readonly params: BrowserMessage }[];
  send(method: string, params?: object): Promise<BrowserMessage>;
  open(url: string): Promise<void>;
  /** The value, as the page has it. */
  evaluate<Value>(expression: string): Promise<Value>;
  press(key: string, text?: string): Promise<void>;
  picture(options: {
    width: number;
    height?: number;
    dark?: boolean;
    whole?: boolean;
    scale?: number;
  }): Promise<Buffer>;
  paper(options?: { dark?: boolean }): Promise<void>;
  screen(): Promise<void>;
  close(): Promise<void>;
}
export function findChromium(): string | null;
export function openBrowser(program: string): Promise<Browser>;
