// Addresses are relative, so that the page works behind a prefix too.
SwaggerUIBundle({
  dom_id: "#page",
  urls: [
    { name: "The host API", url: "openapi.json" },
    { name: "Beyond it", url: "openapi-extensions.json" },
  ],
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  displayRequestDuration: true,
  // No other host is asked for anything.
  validatorUrl: null,
});
