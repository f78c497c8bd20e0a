/** On a GatewayClass while a Gateway names it (Gateway API: GatewayClassFinalizerGatewaysExist). */
export const gatewayClassFinalizer = 'gateway-exists-finalizer.gateway.networking.k8s.io'
