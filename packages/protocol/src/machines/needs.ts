/** The rows of events about agents on other machines in the table of roles (rules M2, X1–X3). */
import type { Role } from '../members/roles.ts';
import type { FarEvents, HostedEvents } from './events.ts';

export const MACHINE_EVENT_NEEDS: Record<keyof HostedEvents | keyof FarEvents, Role> = {
  'session.hosted': 'viewer',
  'lease.taken': 'viewer',
  'lease.ended': 'viewer',
  'home.heard': 'viewer',
  'home.asked': 'viewer',
  'home.answered': 'viewer',
  'far.wanted': 'viewer',
  'far.placed': 'viewer',
  'far.leasing': 'viewer',
  'far.leased': 'viewer',
  'far.unleased': 'viewer',
  'far.told': 'viewer',
  'far.heard': 'viewer',
  'far.asked': 'viewer',
  'far.answered': 'viewer',
  'far.copied': 'viewer',
  'far.gap': 'viewer',
  'far.link': 'viewer',
};
