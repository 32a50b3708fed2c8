import { openNodeHandlePool } from './load.mjs';
import { addNote, openDatabase } from './scenes.mjs';
import { mkdtempSync } from 'node:fs';
const way={ mode: process.argv[2]??'WAL', locking: 'EXCLUSIVE', pagesToCheckpoint: 8 };
let from=Infinity, writes=0; const e=new Error('x'); e.name='InvalidStateError';
const pool0=openNodeHandlePool(mkdtempSync('/tmp/zz-')+'/p',{faults:{onWrite:(...a)=>{writes++; if(writes>=from) console.log('   FAIL'); return writes>=from?e:undefined}}});
let log=false;
const pool=new Proxy(pool0,{get(t,k){const v=t[k]; if(typeof v!=='function')return v; return (...a)=>{const r=v.apply(t,a); if(log) console.log(k,...a.map(x=>typeof x==='object'?`[${x.length}]`:x),'->',r); return r}}});
const db=openDatabase(pool,way);
let stored=0;
for(let nth=1;nth<=12;nth++){from=writes+nth; log=true; console.log('== nth',nth); const r=db.try(addNote(stored+1,6000)); from=Infinity; console.log('result',r); if(r===0){stored++;continue}
 try{console.log(JSON.stringify(db.rows('SELECT count(*) FROM notes; PRAGMA integrity_check')))}catch(x){console.log(x.message);break}}
