/** Looks after the certificate of a relay that runs for long: takes a renewed one, and warns of one that ends soon. */
import type { Logger } from 'pino';
import type { Certificate } from './certificate.ts';
import type { Timed, Wheel } from './wheel.ts';

/** Milliseconds between looks at its files. */
const LOOK_MS = 3_600_000;

/** Looks now, and every hour as long as the wheel turns. */
export function watchCertificate(certificate: Certificate, wheel: Wheel, log: Logger): void {
  let told: string | undefined;
  const look = () => {
    if (certificate.renew()) log.info(`The certificate in ${certificate.file} was renewed, and is used.`);
    const { warning } = certificate;
    // It says how many days are left, and so is told once a day.
    if (warning !== undefined && warning !== told) log.warn(warning);
    told = warning;
  };
  const next: Timed = {
    due: wheel.now + LOOK_MS,
    expire: (now) => {
      look();
      next.due = now + LOOK_MS;
      wheel.add(next);
    },
  };
  look();
  wheel.add(next);
}
