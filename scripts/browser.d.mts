export interface Browser {
  readonly events: readonly { readonly method: string; readonly params: any }[];
  send(method: string, params?: object): Promise<any>;
  open(url: string): Promise<void>;
  evaluate(expression: string): Promise<any>;
  press(key: string, text?: string): Promise<void>;
  picture(options: {
    width: number;
    height?: number;
    dark?: boolean;
    whole?: boolean;
    scale?: number;
  }): Promise<Buffer>;
  close(): Promise<void>;
}
export function findChromium(): string | null;
export function openBrowser(program: string): Promise<Browser>;
