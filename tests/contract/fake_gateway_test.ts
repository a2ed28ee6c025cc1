import { startFakeGateway } from "../../src/sim/gateway.ts";
import { gatewayContract } from "./gateway_contract.ts";

for (const release of ["2026.9.6", "2026.8.1", "2026.7.35"] as const) {
  gatewayContract(`the fake Gateway ${release}`, () => {
    const token = "contract-token";
    const fake = startFakeGateway({ token, release });
    return Promise.resolve({
      url: fake.url,
      token,
      turns: () => Promise.resolve(fake.sessions.turns.map(({ message }) => message)),
      restart: () => fake.restart(50),
      close: () => fake.close(),
    });
  });
}
