import { describe, expect, it } from 'vitest'
import { migrate } from '../../src/runtime/migrate.ts'
import { NodeSql } from '../../src/runtime/node-sql.ts'
import { loadSetting, saveSetting, settingsMigration } from '../../src/runtime/settings.ts'

describe('settings', () => {
  it('keep the latest value of each key', () => {
    const sql = new NodeSql()
    migrate(sql, [settingsMigration])
    expect(loadSetting(sql, 'a')).toBeUndefined()
    saveSetting(sql, 'a', { deep: [1] })
    saveSetting(sql, 'b', 'other')
    saveSetting(sql, 'a', { deep: [2] })
    expect(loadSetting(sql, 'a')).toEqual({ deep: [2] })
    expect(loadSetting(sql, 'b')).toBe('other')
  })
})
