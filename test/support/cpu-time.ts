// The processor time that this process has used: what a limit on cost is measured by, because other processes share the machine.

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
