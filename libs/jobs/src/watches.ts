import { HealthMeter } from './health-meter';
import { HealthWatch } from './health-watch';
import { KeylessWatch } from './keyless-watch';

export interface WatchesParts {
  readonly keyless: KeylessWatch;
  readonly health: HealthWatch;
  readonly meter: HealthMeter;
}

/** All that goes on in the background so that choices are made by how things are. */
export class Watches {
  constructor(private readonly parts: WatchesParts) {}

  /** Resolves after the first look, so that the first job is chosen by what is there. */
  async start(): Promise<void> {
    this.parts.meter.start();
    await Promise.all([this.parts.keyless.start(), this.parts.health.start()]);
  }

  stopLooking(): void {
    this.parts.keyless.stop();
    this.parts.health.stop();
  }

  /** After the last call. */
  async stopMeasuring(): Promise<void> {
    await this.parts.meter.stop();
  }
}
