// Pulumi's plugin host loads packages with require(), which takes no ES modules that wait for something while they are loaded.
const serve = async () => {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./host.mts");
};

serve().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
