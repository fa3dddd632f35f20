// One policy for the tests, as an object.

export const NOW = Date.UTC(2026, 10, 21, 8);

export const ENVIRONMENT = {
  GW_ROOT: "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=",
  GW_JWT: "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=",
  GW_HOOK: "whsec_9WFuyuLVWF/MEt53G4GU8g5Jkzvh7axo3sf+c1hMlFs=",
  GW_PARKING: "1c9d7f62a4b85e03c6d1907f3b2e8a54f0617c8d9be2a3451f6d70c84ea95b32",
};

export function policy(store = "memory:") {
  return {
    version: 1,
    root_keys: [{ id: 1, secret: "${GW_ROOT}", state: "active" }],
    store: { default: store },
    tokens: {
      issuer: "https://auth.example",
      audience: ["api"],
      clients: [
        { id: "web", kind: "browser" },
        { id: "backend", kind: "browser", confidential: true },
      ],
      signing_keys: [{ kid: "k1", alg: "HS256", secret: "${GW_JWT}", state: "active" }],
    },
    webhooks: {
      endpoints: [
        { id: "hooks", preset: "standard_webhooks", secrets: [{ id: "a", secret: "${GW_HOOK}" }] },
        { id: "lora", preset: "parking", secrets: [{ id: "p", secret: "${GW_PARKING}" }] },
      ],
    },
  };
}
