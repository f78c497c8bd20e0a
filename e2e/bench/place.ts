// Where the bench's records live on its NATS.
export const place = { install: 'bench', source: 'local' }
