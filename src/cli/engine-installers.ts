import { UsageError } from './usage-error.ts';

export interface InstallOptions {
  readonly python?: string;
  readonly venv?: string | true;
  readonly package?: string;
  readonly reinstall?: boolean;
  readonly from?: string;
}

export interface EngineInstaller {
  /** Which options are for it. */
  readonly options: readonly (keyof InstallOptions)[];
  /** @throws ExpectedFailure with its cure */
  install(
    options: InstallOptions,
    tell: (line: string) => void,
  ): Promise<{
    /** For `--json`. */
    readonly facts: { readonly folder: string; readonly [fact: string]: unknown };
    /** Ends the sentence `<engine> …`. */
    readonly done: string;
  }>;
  /** @returns the folder that was removed; null where there was none */
  remove(): Promise<string | null>;
}

/** Engines that are brought in; the others come with clade. */
export const ENGINE_INSTALLERS: { readonly [name: string]: EngineInstaller } = {
  tensorflow: {
    options: ['python', 'venv', 'package', 'reinstall'],
    async install(options, tell) {
      if (options.package !== undefined && options.venv === undefined) {
        throw new UsageError('--package says what pip installs into a new environment: give --venv too');
      }
      const { installTensorflow } = await import('../engine/tensorflow/install.ts');
      const { binding, compiled } = await installTensorflow({
        python: options.python ?? null,
        environment: options.venv ?? null,
        requirement: options.package ?? null,
        again: options.reinstall === true,
        tell,
      });
      const { folder, installation } = binding;
      return {
        facts: { compiled, folder, ...installation },
        done: compiled ? 'installed' : 'was installed already; now in use',
      };
    },
    async remove() {
      const { removeTensorflow } = await import('../engine/tensorflow/install.ts');
      return removeTensorflow();
    },
  },
  webgpu: {
    options: ['from'],
    async install({ from }, tell) {
      const { installDawn } = await import('../engine/webgpu/install-dawn.ts');
      if (from === undefined) tell('npm fetches Dawn (20 MB are kept)');
      const { folder, version } = await installDawn({ from });
      return { facts: { folder, version }, done: 'installed' };
    },
    async remove() {
      const { removeDawn } = await import('../engine/webgpu/install-dawn.ts');
      const { webgpuFolder } = await import('../engine/webgpu/installation.ts');
      return removeDawn() ? webgpuFolder() : null;
    },
  },
};
