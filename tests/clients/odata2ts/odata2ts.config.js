// Classes of the service end in "Client": the model has the types Tenant and TenantService, and
// odata2ts would call the class of the first as the interface of the second.
module.exports = {
  emitMode: "ts",
  naming: { services: { suffix: "Client" } },
  // odata2ts 0.34 does not read Org.OData.Core.V1.Computed.
  propertiesByName: [{ name: "ModifiedAt", managed: true }],
  services: { gerance: { source: "metadata.xml", output: "generated" } },
};
