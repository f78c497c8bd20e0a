// A dashboard as Grafana reads it, from what it shows: rows of panels, laid out from left to right.

export interface Query {
  /** With `$namespace` for the chosen installations, and `$__rate_interval`. */
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What is good and what is not, in a sentence. */
  readonly description: string
  readonly queries: readonly Query[]
  /** In Grafana's words. */
  readonly unit: 's' | 'ms' | 'short' | 'bytes' | 'Bps' | 'ops' | 'percentunit' | 'dtdurations'
  /** One number each instead of lines. */
  readonly shows?: 'numbers'
  /** Why it may be empty in an installation that is well. */
  readonly emptyWhen?: string
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: Readonly<Record<string, readonly Panel[]>>
  /** Which installations, or namespaces of Gateways, there are: a metric with a label `namespace`. */
  readonly namespacesOf: string
}

const [columns, height] = [24, 8]
const datasource = { type: 'prometheus', uid: '${datasource}' }

export function dashboardJson(dashboard: Dashboard): object {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ['penstock'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    graphTooltip: 1,
    // Each leads to the others.
    links: [{ type: 'dashboards', title: 'Penstock', tags: ['penstock'], asDropdown: true, keepTime: true }],
    templating: { list: variables(dashboard) },
    panels: [...laidOut(dashboard)],
  }
}

function variables({ namespacesOf }: Dashboard): object[] {
  const query = `label_values(${namespacesOf}, namespace)`
  return [
    { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
    {
      ...{ name: 'namespace', type: 'query', label: 'Namespace', datasource, query, definition: query },
      ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*' },
      current: { text: 'All', value: '$__all' },
    },
  ]
}

function* laidOut({ rows }: Dashboard): Generator<object> {
  let [id, y] = [1, 0]
  for (const [title, panels] of Object.entries(rows)) {
    yield { id: id++, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 }, panels: [] }
    y += 1
    const width = columns / Math.min(4, panels.length)
    for (const [place, panel] of panels.entries()) {
      const x = (place % Math.floor(columns / width)) * width
      yield panelJson(panel, id++, { x, y: y + Math.floor((place * width) / columns) * height, w: width, h: height })
    }
    y += Math.ceil((panels.length * width) / columns) * height
  }
}

function panelJson(
  { title, description, queries, unit, shows, emptyWhen }: Panel,
  id: number,
  gridPos: object,
): object {
  const numbers = shows === 'numbers'
  return {
    ...{ id, title, gridPos, datasource, type: numbers ? 'stat' : 'timeseries' },
    description: emptyWhen === undefined ? description : `${description} Empty: ${emptyWhen}.`,
    fieldConfig: { defaults: { unit, min: 0, ...(emptyWhen !== undefined && { noValue: '–' }) }, overrides: [] },
    options: numbers
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none', textMode: 'value_and_name' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend, range: true },
    })),
  }
}
