import { startFakeGateway } from "../../src/sim/gateway.ts";
import { gatewayContract } from "./gateway_contract.ts";

gatewayContract("the fake Gateway", () => {
  const token = "contract-token";
  const fake = startFakeGateway({ token });
  return Promise.resolve({
    url: fake.url,
    token,
    turns: () => Promise.resolve(fake.sessions.turns.map(({ message }) => message)),
    restart: () => fake.restart(50),
    close: () => fake.close(),
  });
});
